"""One module per verb: gather facts, ask core/ for the decision, carry it out. Prints nothing, asks nothing."""
