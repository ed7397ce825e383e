"""The way of one message: kept, screened, answered, sent."""
