"""Draws one car from its projected mesh, or from a few boxes when it is far away.

Where cars are is decided in `traffic.py`, their shapes in `car_models.py`.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from cctv_gateway.simulator.brush import (
    SHIFT,
    UNIT,
    Outline,
    Spot,
    Tint,
    area,
    ellipse,
    fill,
    quad,
    shown,
)
from cctv_gateway.simulator.car_models import Mesh
from cctv_gateway.simulator.street import Colour
from cctv_gateway.simulator.strip import Picture
from cctv_gateway.simulator.traffic import CarPose

GLASS = (70, 58, 48)
TYRE = (30, 30, 30)
SHADOW = (34, 33, 32)
PLATE = (214, 220, 220)
LAMP_M = 0.13
# Beyond this darkness lamps are lit.
DARK = 0.4


@dataclass(frozen=True, slots=True)
class CarLook:
    """What a car looks like at a moment: its pose, the light on it, and pixels per metre."""

    pose: CarPose
    shine: Tint
    night: float
    px_per_m: float

    @property
    def lamp_colour(self) -> Colour:
        away = self.pose.heading > 0
        if self.pose.hazard:
            return (40, 170, 255)
        if away:
            return (70, 60, 255) if self.pose.braking or self.night > DARK else (40, 36, 190)
        return (235, 250, 255) if self.night > DARK else (228, 232, 232)


def draw_far(picture: Picture, look: CarLook, mesh: Mesh, ground: Spot) -> None:
    """A car of a few pixels around its middle on the ground: shadow, body, windows, lights."""
    x, y = ground
    scale = look.px_per_m
    half, top, belt = mesh.half_m * scale, y - mesh.roof_m * scale, y - 0.85 * scale
    shadow = shown(SHADOW, 0.8, look.shine)
    ellipse(picture, ground, half * 1.15, half * 0.3, shadow)
    cabin = ((x - half * 0.8, top), (x + half * 0.8, top), (x + half, belt), (x - half, belt))
    body = ((x - half, belt), (x + half, belt), (x + half, y), (x - half, y))
    fill(picture, quad(cabin), shown(GLASS, 1.2, look.shine))
    fill(picture, quad(body), shown(look.pose.paint, 0.8, look.shine))
    lamp_y = y - 0.62 * scale
    _lamps(picture, look, ((x - half * 0.72, lamp_y), (x + half * 0.72, lamp_y)))


def draw_near(picture: Picture, look: CarLook, mesh: Mesh, shape: Outline) -> None:
    """A car from its mesh's points in fixed-point pixels."""
    count, windows = mesh.count, len(mesh.model.window)
    left, right = shape[:count], shape[count : 2 * count]
    at = 2 * count
    panes = (shape[at : at + windows], shape[at + windows : at + 2 * windows])
    at += 2 * windows
    wheels = shape[at : at + 32].reshape(4, 8, 2)
    fill(picture, shape[at + 38 : at + 42], shown(SHADOW, 0.8, look.shine))
    _skin(picture, look, mesh, left, right)
    if area(left) > 0:
        _side(picture, look, left, panes[0], wheels[:2])
    if area(right) < 0:
        _side(picture, look, right, panes[1], wheels[2:])
    rear = look.pose.heading > 0
    end = shape[at + 35 : at + 38] if rear else shape[at + 32 : at + 35]
    spots = [(x / UNIT, y / UNIT) for x, y in end.tolist()]
    size = max(1.0, LAMP_M * look.px_per_m)
    ellipse(picture, spots[2], size * 1.6, size * 0.55, shown(PLATE, 1.0, look.shine))
    _lamps(picture, look, (spots[0], spots[1]))


def _skin(picture: Picture, look: CarLook, mesh: Mesh, left: Outline, right: Outline) -> None:
    """The strips across the car, from bumper to bumper, that face the camera."""
    strips = np.empty((mesh.count - 1, 4, 2), np.int32)
    strips[:, 0], strips[:, 1] = left[:-1], left[1:]
    strips[:, 2], strips[:, 3] = right[1:], right[:-1]
    across, along = strips[:, 2] - strips[:, 0], strips[:, 3] - strips[:, 1]
    winding = across[:, 0] * along[:, 1] - across[:, 1] * along[:, 0]
    for index, turn in enumerate(winding.tolist()):
        if turn >= 0:
            continue
        if index in mesh.model.glass:
            fill(picture, strips[index], shown(GLASS, 1.0, look.shine))
        else:
            fill(picture, strips[index], shown(look.pose.paint, mesh.shades[index], look.shine))


def _side(
    picture: Picture, look: CarLook, outline: Outline, pane: Outline, wheels: Outline
) -> None:
    colour = shown(look.pose.paint, 0.8, look.shine)
    cv2.fillPoly(picture, [outline], colour, cv2.LINE_AA, SHIFT)
    fill(picture, pane, shown(GLASS, 0.9, look.shine))
    for wheel in wheels:
        fill(picture, wheel, shown(TYRE, 1.0, look.shine))


def _lamps(picture: Picture, look: CarLook, lamps: tuple[Spot, Spot]) -> None:
    size = max(1.0, LAMP_M * look.px_per_m)
    colour = look.lamp_colour
    for lamp in lamps:
        if look.night > DARK and look.pose.heading < 0:
            ellipse(picture, lamp, size * 2.3, size * 2.0, (120, 140, 150))
        ellipse(picture, lamp, size * 1.25, size * 0.8, colour)
