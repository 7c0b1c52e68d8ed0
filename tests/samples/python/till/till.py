"""A till: prices in cents, quantities in pieces."""

BULK_FROM = 10
BULK_PERCENT = 15


def line_total(price, quantity):
    """What one line of the receipt costs, with the bulk discount from ten pieces on."""
    total = price * quantity
    if quantity > BULK_FROM:
        total -= total * BULK_PERCENT // 100
    return total


def receipt_total(lines):
    """What all lines cost together; each is (price, quantity)."""
    total = 0
    for price, quantity in lines:
        total += line_total(price, quantity)
    return total


def change(paid, total):
    """The coins to give back, largest first."""
    if paid < total:
        raise ValueError(f"{total - paid} cents are missing")
    rest = paid - total
    coins = []
    for coin in (200, 100, 50, 20, 10, 5, 2, 1):
        while rest >= coin:
            coins.append(coin)
            rest -= coin
    return coins
