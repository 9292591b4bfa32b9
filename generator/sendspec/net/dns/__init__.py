"""DNS: single questions with everything that an answer can be, and very many questions with the answer expected.

`answer` holds the types that checks see, `wire` the few messages packed and compared by hand, `client` the sockets,
`zones` finds who answers for a name.
"""
