"""The figures of the page, drawn with matplotlib, as PNG and SVG."""
