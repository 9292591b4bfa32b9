"""Record values by standard: a frozen type, `parse(text)` and `to_text()`. Compile builds with them, checks read with them."""
