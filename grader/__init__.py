"""Second floor: how good is this answer?"""
