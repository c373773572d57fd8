"""The output of the plan: a table and sentences for people, a JSON document for programs."""
