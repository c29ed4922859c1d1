"""The bell: how several processes that serve one hub hear that one of them has stored something."""
