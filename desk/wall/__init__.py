"""The supervisors' wall: queues, people and promises of the moment on one page."""

from desk.wall.board import Board, board

__all__ = ["Board", "board"]
