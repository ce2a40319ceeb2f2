"""What a resume says, brought into one shape for a page: no missing fields, no wrong types, nothing that could do harm."""
