"""`make chaos`: the bot is killed, cut off and lied to while people play, and nothing of theirs may be lost."""
