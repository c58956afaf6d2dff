"""Damage that extraction leaves in a text (TXT), and holes in its questions and answers (QNA). One rule a file."""
