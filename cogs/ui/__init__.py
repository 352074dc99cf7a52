"""What the commands show and how a chat reaches Discord."""
