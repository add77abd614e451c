"""Why pilots lag: evaluating pilot programmes from thin, partial, one-sided evidence."""
