"""A cluster under constant load for a long time: what grows?"""
