#include "app/demo.h"

namespace atheria {

std::vector<std::string> demo_worlds() {
  return {
      "orbium=lenia,128x128,preset=orbium,sps=60",
      "coral=gray-scott,512x512,preset=coral,seed=7,sps=240",
      "packet=schrodinger,256x256,preset=lattice,sps=60",
      "gun=life,256x192,preset=gun,sps=30",
      "flower=nca,64x64,preset=flower,seed=3,sps=30",
  };
}

}  // namespace atheria
