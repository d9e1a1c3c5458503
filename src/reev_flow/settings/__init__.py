"""What the environment and `reev-flow.toml` say. A value that cannot be used is an error that names its setting."""

from reev_flow.settings.loading import FILE_NAME as FILE_NAME
from reev_flow.settings.loading import SettingInUse as SettingInUse
from reev_flow.settings.loading import Settings as Settings
from reev_flow.settings.loading import find_file as find_file
from reev_flow.settings.loading import load_settings as load_settings
from reev_flow.settings.surroundings import current_settings as current_settings
from reev_flow.settings.table import SETTINGS as SETTINGS
from reev_flow.settings.table import Setting as Setting
from reev_flow.settings.table import SettingValue as SettingValue
