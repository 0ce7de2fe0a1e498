"""An invented account, and how a Flex statement would show it."""
