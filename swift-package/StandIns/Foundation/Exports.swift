// A target that imports a stand-in needs no second import for what Foundation lacks.
@_exported import Foundation
@_exported import FoundationNetworking
