"""A made-up Interactive Brokers account with books of its own, and every statement it could write.

The broker (`broker`) lives through some weeks and does things (`kinds_*`, the table is in `kinds`); what it
books it keeps in its own books (`books`), with arithmetic of its own. `statement` writes the Flex statement
of any window of that life, under the settings of a query (`query`). `strategies` draws lives, queries and
sequences of windows from a seed; `checks` syncs them and compares everything with the broker's books.
"""
