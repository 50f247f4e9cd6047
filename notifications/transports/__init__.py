"""Ways a message reaches somebody: one folder each, behind one protocol."""
