"""What the public sees on the web: the start page, the chat, and the same chat for a council's own site."""
