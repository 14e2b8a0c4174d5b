@_exported import Backhaul
