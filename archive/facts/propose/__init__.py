"""What the grammar proposes: numerals, quantities, dates and names, with their spans in folded text. It decides nothing."""
