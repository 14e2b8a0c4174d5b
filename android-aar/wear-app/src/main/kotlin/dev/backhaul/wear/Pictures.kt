package dev.backhaul.wear

import android.content.Context
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.util.LruCache
import android.widget.ImageView
import dev.backhaul.wear.model.StoredPicture
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/** Shows pictures from files: read elsewhere, no larger than the screen, the last few kept. Main thread. */
internal class Pictures(
    context: Context,
    private val scope: CoroutineScope,
) {
    private val screenWidth = context.resources.displayMetrics.widthPixels
    private val read = LruCache<StoredPicture, Bitmap>(KEPT)

    /** Shows it as soon as it was read; until then, and for one that cannot be read, the view is empty. */
    fun show(
        picture: StoredPicture?,
        view: ImageView,
    ) {
        view.tag = picture
        val known = picture?.let(read::get)
        view.setImageBitmap(known)
        if (picture == null || known != null) return
        scope.launch {
            val bitmap = withContext(Dispatchers.IO) { decode(picture) } ?: return@launch
            read.put(picture, bitmap)
            // The view may show another row by now.
            if (view.tag == picture) view.setImageBitmap(bitmap)
        }
    }

    private fun decode(picture: StoredPicture): Bitmap? {
        val path = picture.file.toString()
        val options = BitmapFactory.Options().apply { inJustDecodeBounds = true }
        BitmapFactory.decodeFile(path, options)
        options.inJustDecodeBounds = false
        options.inSampleSize = sampleSize(options.outWidth, options.outHeight)
        return BitmapFactory.decodeFile(path, options)
    }

    /** Whatever a server sends: no side is twice as long as the screen is wide. */
    private fun sampleSize(
        width: Int,
        height: Int,
    ): Int {
        var size = 1
        while (maxOf(width, height) / size >= 2 * screenWidth) size *= 2
        return size
    }

    private companion object {
        const val KEPT = 8
    }
}
