"""Wildcards of policies: ``*`` is any run of characters, ``?`` is one."""


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text fits the pattern.

    Backtracks to the last ``*`` only, so that a hostile pattern costs at most the product of the
    two lengths; a regular expression made of the pattern could cost far more.
    """
    if pattern == "*":
        return True
    if "*" not in pattern and "?" not in pattern:
        return pattern == text
    if pattern.endswith("*") and "*" not in pattern[:-1] and "?" not in pattern:
        return text.startswith(pattern[:-1])
    p = t = 0
    star, resume = -1, 0
    while t < len(text):
        if p < len(pattern) and pattern[p] == "*":
            star, resume = p, t
            p += 1
        elif p < len(pattern) and pattern[p] in (text[t], "?"):
            p += 1
            t += 1
        elif star >= 0:
            resume += 1
            p, t = star + 1, resume
        else:
            return False
    return not pattern[p:].strip("*")
