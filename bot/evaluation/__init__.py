"""How right the listening is on messages it has never seen: figures, confusions and misses, never a pass mark."""
