"""Small pictures, 16 by 16. Shapes differ as well as colours: no status is told by colour alone."""

ICONS = {
    "fire": (
        '<path d="M8 1c1 3 4 4 4 8a4 4 0 0 1-8 0c0-2 1-3 1.5-4.5C6.5 6 7 6.5 7.5 6.5 '
        '8 5 7.5 3 8 1z"/>'
    ),
    "eye": (
        '<path d="M8 3C4.5 3 2 5.5 1 8c1 2.5 3.5 5 7 5s6-2.5 7-5c-1-2.5-3.5-5-7-5z'
        'm0 8a3 3 0 1 1 0-6 3 3 0 0 1 0 6z"/>'
    ),
    "check": '<path d="M6.2 12.6 1.9 8.3l1.5-1.5 2.8 2.8L12.6 3.2l1.5 1.5z"/>',
    "pause": '<path d="M3.5 2.5h3v11h-3zm6 0h3v11h-3z"/>',
    "bell": (
        '<path d="M8 1a1 1 0 0 1 1 1v.6A4.5 4.5 0 0 1 12.5 7v3l1.5 2v.5H2V12l1.5-2V7'
        'A4.5 4.5 0 0 1 7 2.6V2a1 1 0 0 1 1-1zM6.3 13.5h3.4a1.7 1.7 0 0 1-3.4 0z"/>'
    ),
    "warn": '<path d="M8 1.2 15.3 14H.7zM7.2 6v4h1.6V6zm0 5v1.6h1.6V11z"/>',
    "dash": '<path d="M2.5 7h11v2h-11z"/>',
    "search": (
        '<path d="M7 1.5a5.5 5.5 0 0 1 4.4 8.8l3.4 3.4-1.1 1.1-3.4-3.4A5.5 5.5 0 1 1 7 1.5z'
        'm0 1.8a3.7 3.7 0 1 0 0 7.4 3.7 3.7 0 0 0 0-7.4z"/>'
    ),
    "flag": '<path d="M3 1.5h1.6v13H3zM5.6 2.5H14l-2.4 3.2L14 9H5.6z"/>',
    "square": '<path d="M3 3h10v10H3z"/>',
}
