"""How well the assistant's judgements do on texts they were not made with."""
