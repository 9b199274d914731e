"""Looking for faults in an annotated corpus: what is annotated one way here and another way everywhere else.

`sentences` gives the checks their view of the corpus and `rivals` the statistics that most of them share; one module
finds each kind of fault; `checks` runs them, `reviews` leaves out what somebody has judged right, `listing` writes.
"""
