"""What touches a disk safely: reading that ends, writing, linking and moving that lose nothing, and faults."""

from mjpipe.files.adding_lines import add_lines
from mjpipe.files.appending import appending
from mjpipe.files.content import file_sha256, has_content
from mjpipe.files.emptied import remove_emptied
from mjpipe.files.faults import state_faults, write_faults
from mjpipe.files.flushing import flush, write_flushed
from mjpipe.files.linking import link_if_free, write_if_free
from mjpipe.files.merging import CONFLICT, CONFLICT_MARKERS, RESOLVE, conflict_in, is_conflict_line
from mjpipe.files.mounts import file_system_of
from mjpipe.files.moving import first_free, move_aside, move_file, rename_folder
from mjpipe.files.names.lengths import Lengths, lengths_below
from mjpipe.files.names.name_forms import named_in
from mjpipe.files.names.same_names import Named, all_folded, folded, names_below
from mjpipe.files.regular import FileTooLarge, open_regular, open_text, read_regular, size_text
from mjpipe.files.replacing import replacing
from mjpipe.files.sharing import make_folders, make_private_file
from mjpipe.files.writable import nearest, refuses_writes

__all__ = [
    "CONFLICT",
    "CONFLICT_MARKERS",
    "RESOLVE",
    "FileTooLarge",
    "Lengths",
    "Named",
    "add_lines",
    "all_folded",
    "appending",
    "conflict_in",
    "file_sha256",
    "file_system_of",
    "first_free",
    "flush",
    "folded",
    "has_content",
    "is_conflict_line",
    "lengths_below",
    "link_if_free",
    "make_folders",
    "make_private_file",
    "move_aside",
    "move_file",
    "named_in",
    "names_below",
    "nearest",
    "open_regular",
    "open_text",
    "read_regular",
    "refuses_writes",
    "remove_emptied",
    "rename_folder",
    "replacing",
    "size_text",
    "state_faults",
    "write_faults",
    "write_flushed",
    "write_if_free",
]
