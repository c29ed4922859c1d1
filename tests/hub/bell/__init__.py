"""The bell between the processes of one hub."""
