"""Session descriptions (RFC 8866) of the one kind we speak: JSEP offers in, our answers out.

    text --grammar--> sections --offer--> Offer --negotiation--> lines --answer--> text

Each step is pure. Whatever a client wrote wrongly ends in an `OfferError` that names it; nothing
else may be raised. aiortc's parser is not used here: it loses rid, simulcast and extension
directions, and raises many kinds of exception.
"""
