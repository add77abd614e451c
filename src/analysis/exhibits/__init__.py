"""What is shown: tables and figures in every language, and the few charts that notebooks share."""
