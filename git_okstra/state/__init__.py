"""Files of our own: registry, store, journal, configuration, atomic writing and locks."""
