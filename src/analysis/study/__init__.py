"""What is known: the study, its codings, its facts, and the record of what was asked of it."""
