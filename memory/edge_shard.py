"""The embedded index of a folder: opened, created, or begun with a copy of another."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import qdrant_edge as engine

from memory.edge_folder import Built, Folder
from memory.edge_points import config
from memory.errors import MemoryFailure
from memory.points import KEYS, built_otherwise


def open_shard(
    path: Path | None, meant: tuple[str, str, int], begin_with: Path | None
) -> tuple[Folder, engine.EdgeShard]:
    """The folder, held, and its index. `meant`: the language, the embedder's name and its dimensions.

    Raises:
        MemoryFailure, StoreFull: see `EdgeKnowledge.open`.
    """
    wanted = Built(*meant)
    folder = Folder.private_one() if path is None else Folder.kept(path)
    try:
        folder.see_to_room(0)
        if path is None and begin_with is not None and begin_with.is_dir():
            folder.copy_from(begin_with)
        return folder, _shard(folder, wanted, begin_with or folder.path)
    except BaseException:
        folder.leave()
        raise


def _shard(folder: Folder, wanted: Built, named: Path) -> engine.EdgeShard:
    """The index that is in the folder, or a new one. What is there of one that was never finished goes."""
    built = folder.built_for()
    if built is not None:
        _see_that_it_fits(named, built, wanted)
    try:
        if built:
            return engine.EdgeShard.load(str(folder.shard))
        folder.clear()
        shard = _new(folder, wanted)
    except MemoryFailure:
        raise
    except BaseException as trouble:  # a panic of the engine is no Exception
        raise MemoryFailure(
            f"{folder.path}: the index cannot be opened ({trouble}); delete the folder, or choose another"
        ) from trouble
    folder.built(wanted)
    return shard


def _see_that_it_fits(path: Path, built: Built, wanted: Built) -> None:
    again = "choose another folder, or delete this one: it is built again from the pages"
    if why := built_otherwise(str(path), astuple(built), astuple(wanted), again):
        raise MemoryFailure(why)


def _new(folder: Folder, wanted: Built) -> engine.EdgeShard:
    shard = engine.EdgeShard.create(str(folder.shard), config(wanted.dim, private=folder.private))
    for key in KEYS:
        shard.update(engine.UpdateOperation.create_field_index(key, engine.PayloadSchemaType.Keyword))
    if not folder.private:
        shard.flush()
    return shard
