"""How right the assistant's judgements are on texts they were not made with: figures and misses, never a pass mark."""
