import Foundation
import WatchAppContent

extension Watch {
    /// The server has a feed with these postcards, and their pictures.
    func serve(_ postcards: Postcard...) throws {
        carrier.served["feed.json"] = try json(of: postcards)
        carrier.served["cover"] = Data("cover".utf8)
        for postcard in postcards { carrier.served[postcard.picture.path] = postcard.pictureData }
    }
}
