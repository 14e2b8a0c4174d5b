// WatchKit brings Foundation with it.
@_exported import StandInFoundation
