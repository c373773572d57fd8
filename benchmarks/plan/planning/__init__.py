"""The arithmetic of plans: the time that requests take, the settings that are enough, and whether all of it fits."""
