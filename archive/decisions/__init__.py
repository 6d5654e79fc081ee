"""What people decide: reviews, takedowns, which stations are one; and the accounts of those who may."""
