"""The command line: words in, words and exit codes out; the work is done in the other rooms."""
