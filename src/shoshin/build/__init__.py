"""What an author needs: from the source text to notebooks, and the checks that keep an exercise sound."""
