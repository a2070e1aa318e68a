"""The supervisors' wall: queues, people and promises of the moment on one page."""

from desk.wall.board import Board, board

__all__ = ["Board", "board"]

SEES_ALL = ("tickets.view_ticket", "agents.view_presence")  # who may look at the wall
