"""What Rasa asks us to do: take slots, call one function of `bot`, answer with named responses."""
