"""One module an output format; each turns reports into text and prints nothing."""
