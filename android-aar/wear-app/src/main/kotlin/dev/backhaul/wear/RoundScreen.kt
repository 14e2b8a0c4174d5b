package dev.backhaul.wear

import android.view.View

/**
 * Keeps a list clear of the edge: on a round screen its rows are narrower, and the first and the last one can be
 * scrolled to where the screen is wide.
 */
internal fun View.padForScreen() {
    val width = resources.displayMetrics.widthPixels
    val height = resources.displayMetrics.heightPixels
    val sides = resources.getFraction(R.fraction.screen_padding_sides, width, width).toInt()
    val ends = resources.getFraction(R.fraction.screen_padding_ends, height, height).toInt()
    setPadding(sides, ends, sides, ends)
}
