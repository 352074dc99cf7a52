"""Tests of the cards, the files and pictures they come in, and the characters that ship."""
